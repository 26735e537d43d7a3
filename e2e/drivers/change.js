// Changes the user and back. Arguments: mysql | mysql2, host, port. Prints who it was at each step.
const [driver, host, port] = process.argv.slice(2);
const connection = require(driver).createConnection({
  host, port: Number(port), user: 'app', password: 'secret', database: 'app',
});

const who = () => new Promise((resolve, reject) => {
  connection.query("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1) AS who",
    (error, rows) => (error ? reject(error) : resolve(rows[0].who)));
});
const change = (options) => new Promise((resolve, reject) => {
  connection.changeUser(options, (error) => (error ? reject(error) : resolve()));
});

async function main() {
  const seen = [];
  await change({ user: 'app', password: 'secret', database: 'app' });
  seen.push(await who());
  await change({ user: 'other', password: 'sesame', database: 'other' });
  seen.push(await who());
  await change({ user: 'app', password: 'secret', database: 'app' });
  seen.push(await who());
  console.log(seen.join(' '));
  connection.end();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
