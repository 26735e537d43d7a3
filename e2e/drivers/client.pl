# The protocol of every client here, in README.md. Arguments: MariaDB | mysql (the DBD), then host, port,
# user, password and database.
use strict;
use warnings;
use DBI;

$| = 1;
my ($driver, $host, $port, $user, $password, $database) = @ARGV;
my $timeout = lc($driver) . '_connect_timeout';
my $connection = DBI->connect("DBI:$driver:database=$database;host=$host;port=$port;$timeout=1",
    $user, $password, { RaiseError => 1, PrintError => 0 });
print "connected\n";
while (my $line = <STDIN>) {
    chomp $line;
    print scalar($connection->selectrow_array($line)), "\n";
}
$connection->disconnect;
