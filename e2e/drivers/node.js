// The protocol of every client here, in README.md. Arguments: mysql | mysql2 | mariadb/callback, query | execute, then
// host, port, user, password and database. With execute each statement is prepared by the server, once.
const readline = require('node:readline');

const [driver, method, host, port, user, password, database] = process.argv.slice(2);
const connection = require(driver).createConnection({
  host, port: Number(port), user, password, database, connectTimeout: 1000,
});

const ask = (sql) => new Promise((resolve, reject) => {
  connection[method](sql, (error, rows) => (error ? reject(error) : resolve(Object.values(rows[0])[0])));
});

async function main() {
  await new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  console.log('connected');
  for await (const sql of readline.createInterface({ input: process.stdin })) {
    console.log(await ask(sql));
  }
  connection.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
