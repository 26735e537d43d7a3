<?php
// Speaks in compressed frames by mysqli. Arguments: host, port. Prints the length of a long row, of a long statement as the
// server sees it, and who it is before and after a change of the user.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
[, $host, $port] = $argv;
$connection = mysqli_init();
$connection->real_connect($host, 'app', 'secret', 'app', (int) $port, null, MYSQLI_CLIENT_COMPRESS);
$ask = fn (string $sql) => $connection->query($sql)->fetch_row()[0];
$seen = [strlen($ask("SELECT REPEAT('x', 3000000)")), $ask("SELECT LENGTH('" . str_repeat('y', 3000000) . "')")];
$seen[] = $ask("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)");
$connection->change_user('app', 'secret', 'app');
$seen[] = $ask("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)");
echo implode(' ', $seen), "\n";
$connection->close();
