// A pool of mysql2 connections, spoken to as the clients in README.md. Arguments: query | execute, then host, port, user,
// password and database. Each line is run on whatever connection the pool gives, on all of them in turn.
const readline = require('node:readline');
const mysql = require('mysql2/promise');

const [method, host, port, user, password, database] = process.argv.slice(2);
const pool = mysql.createPool({
  host, port: Number(port), user, password, database, connectionLimit: 4, enableKeepAlive: true, keepAliveInitialDelay: 0,
});

async function main() {
  const all = await Promise.all(Array.from({ length: 4 }, () => pool.getConnection()));
  all.forEach((connection) => connection.release());
  console.log('connected');
  for await (const sql of readline.createInterface({ input: process.stdin })) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => pool[method](sql)));
    const values = new Set(answers.map(([rows]) => Object.values(rows[0])[0]));
    console.log([...values].join(' and '));
  }
  await pool.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
