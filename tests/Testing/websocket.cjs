// node websocket.cjs PACKAGES URL FILTER: writes the first message that comes, as JSON, and ends.
const path = require('node:path');
const [packages, url, filter] = process.argv.slice(2);
const mqtt = require('node:module').createRequire(path.join(packages, 'package.json'))('mqtt');

const client = mqtt.connect(url, { protocolVersion: 5 });
client.on('connect', () => client.subscribe(filter, { qos: 1 }));
client.on('message', (topic, payload, packet) => {
  process.stdout.write(JSON.stringify({ topic, text: payload.toString(), type: packet.properties.contentType, user: packet.properties.userProperties }));
  client.end(true, () => process.exit(0));
});
