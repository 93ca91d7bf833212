// node plc.cjs PACKAGES PORT: a PLC with holding registers, Modbus TCP; prints a line for each register that is set, such as "1 7".
const path = require('node:path');
const [packages, port] = process.argv.slice(2);
const { ServerTCP } = require('node:module').createRequire(path.join(packages, 'package.json'))('modbus-serial');

const server = new ServerTCP(
  { getHoldingRegister: () => 0, setRegister: (address, value) => console.log(`${address} ${value}`) },
  { host: '127.0.0.1', port: Number(port), unitID: 1 });
server.on('initialized', () => console.log('ready'));
