// node gateway.cjs mqtt://BROKER:1883 mrfad/v1/SITE/LINE/STATION CAMERA PLC:502 [PRODUCT,PRODUCT,…]
// Writes each verdict of a camera into holding registers of a PLC (Modbus TCP, unit 1, addresses from 0):
//   0  heartbeat: counts once a second while the station is online. The PLC stops the line when it stands still.
//   1  number of the verdict (seq modulo 65536): when it changes, 2 is new. Both are written in one request.
//   2  1 OK, 2 NG, 3 INVALID, 4 TIMEOUT. Reject whatever is not 1.
//   3  where products are named: the place in that list, from 1, of the product by which the part was judged; 0 for none of them.
// A verdict may arrive twice (its id tells) or late (historical): a late one is for records, the part has passed the gate.
const mqtt = require('mqtt');
const Modbus = require('modbus-serial');

const [broker, station, camera, plc, products] = process.argv.slice(2);
const numbers = products?.split(',');
if (!plc) {
  console.error('usage: node gateway.cjs mqtt://BROKER:1883 mrfad/v1/SITE/LINE/STATION CAMERA PLC:502 [PRODUCT,PRODUCT,…]');
  process.exit(2);
}

const [host, port] = plc.split(':');
const codes = { OK: 1, NG: 2, INVALID: 3, TIMEOUT: 4 };
const open = () => {
  const modbus = new Modbus();
  modbus.setID(1);
  modbus.setTimeout(1000);
  return modbus;
};
let modbus = open();

// One request after the other. A PLC that is away is tried again at the next write; what failed, or waited for longer than this
// behind what did, is told and not written: the part has passed.
const freshFor = 1000;
let writing = Promise.resolve();
const write = (address, values) => {
  const given = performance.now();
  writing = writing.then(async () => {
    if (performance.now() - given > freshFor) {
      if (address === 1) console.error(`PLC ${plc}: verdict ${values[0]} is too late`);
      return;
    }
    if (!modbus.isOpen) await modbus.connectTCP(host, { port: Number(port ?? 502) });
    await modbus.writeRegisters(address, values);
    if (address === 1) console.log(`PLC has verdict ${values[0]}: ${values[1]}`);
  }).catch(e => {
    console.error(`PLC ${plc}: ${e.message}`);
    modbus.destroy(() => {});
    modbus = open();
  });
};

let online = false;
let last;
const client = mqtt.connect(broker, { protocolVersion: 5, clientId: `plc-gateway-${process.pid}`, username: process.env.MQTT_USERNAME, password: process.env.MQTT_PASSWORD });
client.on('connect', () => {
  client.subscribe([`${station}/status`, `${station}/${camera}/verdict`], { qos: 1 });
  console.log(`connected to ${broker}`);
});
client.on('close', () => { online = false; });
client.on('error', e => console.error(`broker: ${e.message}`));
client.on('message', (topic, payload) => {
  let message;
  try {
    message = JSON.parse(payload);
  } catch (e) {
    console.error(`${topic}: ${e.message}`); // a retained message that somebody cleared is empty
    return;
  }
  if (topic.endsWith('/status')) {
    online = message.status === 'online';
    console.log(`station is ${message.status}`);
  } else if (!message.historical && message.id !== last) {
    last = message.id;
    write(1, [message.seq % 65536, codes[message.verdict], ...(numbers ? [numbers.indexOf(message.product) + 1] : [])]);
  }
});

let beat = 0;
setInterval(() => { if (online) write(0, [beat = (beat + 1) % 65536]); }, 1000);
