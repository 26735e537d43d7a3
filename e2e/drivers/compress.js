// Speaks in compressed frames by mysql2. Arguments: host, port. Prints the length of a long row, of a long parameter as the
// server sees it, and what a prepared statement gives.
const [host, port] = process.argv.slice(2);
const connection = require('mysql2').createConnection({
  host, port: Number(port), user: 'app', password: 'secret', database: 'app', compress: true,
});

const ask = (method, sql, values) => new Promise((resolve, reject) => {
  connection[method](sql, values, (error, rows) => (error ? reject(error) : resolve(rows[0].answer)));
});

async function main() {
  const seen = [];
  seen.push((await ask('query', "SELECT REPEAT('x', 3000000) AS answer")).length);
  seen.push(await ask('query', 'SELECT LENGTH(?) AS answer', ['y'.repeat(3000000)]));
  seen.push(await ask('execute', 'SELECT ? + 1 AS answer', [41]));
  console.log(seen.join(' '));
  connection.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
