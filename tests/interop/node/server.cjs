"use strict";

/* Serves the project's WSDL with Node's soap, so that callers meet a stack that is not ours:
 *   node server.cjs WSDL VERSION USERNAME        (the password is in INTEROP_PASSWORD)
 * It books in memory, knows one customer, and prints its port when it listens. */
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const soap = require("soap");

const [wsdl, version, username] = process.argv.slice(2);
const password = process.env.INTEROP_PASSWORD;
const ACCOUNT = "100000000101";
const BROKEN = "100000000666";
const booked = new Map();
const text = (value) => (value !== null && typeof value === "object" && "$value" in value ? value.$value : value);

/* A fault with the typed detail of the interface. */
function fault(code, message) {
  const detail = { ServiceFault: { attributes: { xmlns: "urn:prepaid-electricity:marketing:1" }, code, message } };
  return {
    Fault: version === "1.2"
      ? { Code: { Value: "soap:Receiver" }, Reason: { Text: message }, Detail: detail, statusCode: 500 }
      : { faultcode: "soap:Server", faultstring: message, detail, statusCode: 500 },
  };
}

const operations = {
  QueryCustomer({ number }) {
    if (number !== ACCOUNT) return { result: { code: "1004" } };
    return {
      result: { code: "1001" },
      customer: {
        accountNo: ACCOUNT, name: "李伟", address: "12 Minzu Avenue", status: "active", category: "residential",
        regime: "card", lastCount: 1, mayBuy: true,
      },
    };
  },
  SubmitPayment({ payment }) {
    if (payment.accountNo === BROKEN) throw fault("1013", "the database does not answer");
    const first = booked.get(payment.serial);
    if (first) return { result: { code: "11004" }, booking: first };
    const booking = {
      serial: payment.serial, accountNo: payment.accountNo, amount: payment.amount,
      accountingDate: day(payment.accountingDate), marketingSerial: `N${booked.size + 1}`, bookedAt: new Date().toISOString(),
    };
    booked.set(payment.serial, booking);
    return { result: { code: "1001" }, booking };
  },
  QueryPayment({ serial }) {
    const booking = booked.get(serial);
    return booking ? { result: { code: "1001" }, booking } : { result: { code: "1003" } };
  },
};

/* Node's soap turns days into moments. */
const day = (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : String(value));

function isGood(security) {
  const token = security && security.UsernameToken;
  if (!token || text(token.Username) !== username) return false;
  const nonce = Buffer.from(text(token.Nonce), "base64");
  const created = text(token.Created);
  const stamp = created instanceof Date ? created.toISOString() : created;
  const wanted = crypto.createHash("sha1").update(Buffer.concat([nonce, Buffer.from(stamp + password)])).digest();
  const given = Buffer.from(text(token.Password), "base64");
  return given.length === wanted.length && crypto.timingSafeEqual(given, wanted);
}

const server = http.createServer((_request, response) => {
  response.statusCode = 404;
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  const options = {
    path: version === "1.2" ? "/soap12" : "/soap",
    services: { Marketing: { Soap11: operations, Soap12: operations } },
    xml: fs.readFileSync(wsdl, "utf8"),
    uri: wsdl,
    forceSoap12Headers: version === "1.2",
    // Before it has read the WSDL it answers nothing.
    callback: (error) => {
      if (error) throw error;
      process.stdout.write(`${server.address().port}\n`);
    },
  };
  soap.listen(server, options).authenticate = isGood;
});
