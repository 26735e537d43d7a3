<?php
// Changes the user and back. Arguments: host, port. Prints who it was at each step.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
[, $host, $port] = $argv;
$connection = new mysqli($host, 'app', 'secret', 'app', (int) $port);
$seen = [];
foreach ([['app', 'secret', 'app'], ['other', 'sesame', 'other'], ['app', 'secret', 'app']] as $login) {
    $connection->change_user(...$login);
    $seen[] = $connection->query("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)")->fetch_row()[0];
}
echo implode(' ', $seen), "\n";
$connection->close();
