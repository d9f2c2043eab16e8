// What npm's thrift takes for granted and browsers do not have.
export { Buffer } from 'buffer';
export const process = { env: {}, nextTick: (call, ...words) => queueMicrotask(() => call(...words)) };
