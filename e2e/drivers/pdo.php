<?php
// The protocol of every client here, in README.md. Arguments: host, port, user, password and database.
[, $host, $port, $user, $password, $database] = $argv;
$connection = new PDO("mysql:host=$host;port=$port;dbname=$database", $user, $password, [PDO::ATTR_TIMEOUT => 1]);
echo "connected\n";
while (($line = fgets(STDIN)) !== false) {
    echo $connection->query(trim($line))->fetchColumn(), "\n";
}
