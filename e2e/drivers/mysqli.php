<?php
// The protocol of every client here, in README.md. Arguments: host, port, user, password and database.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
[, $host, $port, $user, $password, $database] = $argv;
$connection = mysqli_init();
$connection->options(MYSQLI_OPT_CONNECT_TIMEOUT, 1);
$connection->real_connect($host, $user, $password, $database, (int) $port);
echo "connected\n";
while (($line = fgets(STDIN)) !== false) {
    echo $connection->query(trim($line))->fetch_row()[0], "\n";
}
$connection->close();
