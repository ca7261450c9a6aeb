import styles from './spinner.module.css'

/** Turns inside a control that is busy. Pages and tables load with skeletons instead. */
export function Spinner() {
  return <span className={styles.spinner} aria-hidden="true" />
}
