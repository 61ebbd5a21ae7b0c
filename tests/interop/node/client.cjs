"use strict";

/* Calls a marketing system with Node's soap. Reads one job from standard input, as JSON:
 *   { wsdl, version, username, password, calls: [[operation, message], …] }
 * and writes a list: the answer of each call, or { fault } with what the fault brought. */
const soap = require("soap");

const PORTS = { "1.1": "Soap11", "1.2": "Soap12" };

function readAll(stream) {
  return new Promise((resolve, reject) => {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    stream.on("error", reject);
  });
}

function call(method, message) {
  return new Promise((resolve, reject) => {
    method(message, (error, answer) => {
      if (!error) return resolve(answer);
      const fault = error.root && error.root.Envelope.Body.Fault;
      return fault ? resolve({ fault }) : reject(error);
    });
  });
}

async function main() {
  const job = JSON.parse(await readAll(process.stdin));
  const client = await soap.createClientAsync(job.wsdl, { disableCache: true, forceSoap12Headers: job.version === "1.2" });
  client.setSecurity(new soap.WSSecurity(job.username, job.password, { passwordType: "PasswordDigest", hasNonce: true }));
  const answers = [];
  for (const [operation, message] of job.calls) {
    answers.push(await call(client.Marketing[PORTS[job.version]][operation], message));
  }
  process.stdout.write(JSON.stringify(answers));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
