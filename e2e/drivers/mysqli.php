<?php
// The protocol of every client here, in README.md. Arguments: query | execute, then host, port, user, password and database.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
[, $method, $host, $port, $user, $password, $database] = $argv;
$connection = mysqli_init();
$connection->options(MYSQLI_OPT_CONNECT_TIMEOUT, 1);
$connection->real_connect($host, $user, $password, $database, (int) $port);
echo "connected\n";
while (($line = fgets(STDIN)) !== false) {
    $sql = trim($line);
    if ($method === 'query') {
        $result = $connection->query($sql);
    } else {
        // prepared by the server, once
        $prepared[$sql] ??= $connection->prepare($sql);
        $prepared[$sql]->execute();
        $result = $prepared[$sql]->get_result();
    }
    echo $result->fetch_row()[0], "\n";
}
$connection->close();
