import { storable } from '@iotistic/contracts/text-rule';
import { Stripe } from 'stripe';

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/**
 * The SDK's own HTTP client, whose answers hold no text that a database refuses. Names, descriptions and metadata at
 * Stripe are others': one zero byte in a coupon's name would make each event of its customer fail for ever.
 */
export function createStorableHttpClient(): HttpClient {
  const client = Stripe.createNodeHttpClient();
  const request = client.makeRequest.bind(client);
  client.makeRequest = async (...args) => {
    const response = await request(...args);
    const read = response.toJSON.bind(response);
    response.toJSON = async () => storable<unknown>(await read());
    return response;
  };
  return client;
}
