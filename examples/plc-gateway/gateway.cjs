// node gateway.cjs mqtt://BROKER:1883 mrfad/v1/SITE/LINE/STATION CAMERA PLC:502 [--products PRODUCT,PRODUCT,…] [--serial REGISTERS]
// Writes each verdict of a camera into holding registers of a PLC (Modbus TCP, unit 1, addresses from 0):
//   0  heartbeat: counts once a second while the station is online. The PLC stops the line when it stands still.
//   1  number of the verdict (seq modulo 65536): when it changes, 2 is new. Both are written in one request.
//   2  1 OK, 2 NG, 3 INVALID, 4 TIMEOUT, 5 COLLECTING (no model yet, nothing was judged). Reject whatever is not 1.
// With --products, in the same request:
//   next  the place in that list, from 1, of the product by which the part was judged; 0 for none of them
// With --serial, 1 to 119 registers, behind that, in the same request:
//   next  number of bytes of the part's serial number, 0 where the part has none; more than fit are left out
//   next  as many registers as REGISTERS says: the bytes (UTF-8), two in each, the first one high; then zeros
// A verdict may arrive twice (its id tells) or late (historical): a late one is for records, the part has passed the gate.
const mqtt = require('mqtt');
const Modbus = require('modbus-serial');
const { parseArgs } = require('node:util');

const { positionals: [broker, station, camera, plc], values: { products, serial } } = (() => {
  try {
    return parseArgs({ allowPositionals: true, options: { products: { type: 'string' }, serial: { type: 'string' } } });
  } catch (e) {
    console.error(e.message);
    return { positionals: [], values: {} };
  }
})();
const names = products?.split(',');
const registers = Number(serial ?? 0);
if (!plc || !Number.isInteger(registers) || registers < 0 || registers > 119) {
  console.error('usage: node gateway.cjs mqtt://BROKER:1883 mrfad/v1/SITE/LINE/STATION CAMERA PLC:502 [--products PRODUCT,PRODUCT,…] [--serial REGISTERS, 1 to 119]');
  process.exit(2);
}

const [host, port] = plc.split(':');
const codes = { OK: 1, NG: 2, INVALID: 3, TIMEOUT: 4, COLLECTING: 5 };
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

const productOf = product => names ? [names.indexOf(product) + 1] : [];

const serialOf = serial => {
  if (registers === 0) return [];
  const bytes = Buffer.alloc(2 * registers);
  const length = bytes.write(serial ?? '', 'utf8'); // whole characters only
  return [length, ...Array.from({ length: registers }, (_, i) => bytes.readUInt16BE(2 * i))];
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
    write(1, [message.seq % 65536, codes[message.verdict], ...productOf(message.product), ...serialOf(message.serial)]);
  }
});

let beat = 0;
setInterval(() => { if (online) write(0, [beat = (beat + 1) % 65536]); }, 1000);
