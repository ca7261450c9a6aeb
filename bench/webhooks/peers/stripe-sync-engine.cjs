// The peer under measurement: webhooks over HTTP into @supabase/stripe-sync-engine, which answers when it has applied them.
// CommonJS, because its migrations do not run as a module.
const { createServer } = require('node:http')
const { runMigrations, StripeSync } = require('@supabase/stripe-sync-engine')
const Stripe = require('stripe')

const [port, databaseUrl, simulatorUrl, secret, revalidates] = process.argv.slice(2)
const sync = new StripeSync({
  poolConfig: { connectionString: databaseUrl, max: 10 },
  schema: 'stripe',
  stripeSecretKey: 'sk_test_farebox',
  stripeWebhookSecret: secret,
  backfillRelatedEntities: false,
  revalidateObjectsViaStripeApi:
    revalidates === 'true'
      ? ['charge', 'customer', 'invoice', 'payment_intent', 'payment_method', 'subscription']
      : [],
})
// It takes no address; the same client, pointed at the simulated Stripe.
const { hostname, port: stripePort } = new URL(simulatorUrl)
sync.stripe = new Stripe('sk_test_farebox', { host: hostname, port: stripePort, protocol: 'http' })

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    sync
      .processWebhook(Buffer.concat(chunks), request.headers['stripe-signature'])
      .then(() => response.writeHead(200).end('{"received":true}'))
      .catch((error) => response.writeHead(500).end(String(error)))
  })
})
void runMigrations({ databaseUrl, schema: 'stripe' }).then(() =>
  server.listen(Number(port), '127.0.0.1'),
)
process.on('SIGTERM', () => process.exit(0))
