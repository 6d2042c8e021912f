# Answers each request with a greeting that names how often that was done; the store counts.
use strict;
use warnings;
use IO::Socket::INET;
use Greeting;

$SIG{TERM} = sub { exit 0 };
my $server = IO::Socket::INET->new(LocalPort => $ENV{LISTEN}, Listen => 64, ReuseAddr => 1)
  or die "listen at $ENV{LISTEN}: $@";
print "listens at $ENV{LISTEN}\n";

while (my $client = $server->accept) {
  while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/ }
  my $visits = count();
  my ($status, $body) =
    defined $visits ? ('200 OK', Greeting::for_visit($visits)) : ('502 Bad Gateway', "no store: $@\n");
  printf $client "HTTP/1.0 %s\r\nContent-Length: %d\r\n\r\n%s", $status, length $body, $body;
  close $client;
}

sub count {
  my $store = IO::Socket::INET->new(PeerAddr => $ENV{STORE}, Timeout => 10) or return undef;
  print $store "GET /cgi-bin/visit HTTP/1.0\r\n\r\n";
  my $answer = join '', <$store>;
  return $answer =~ /\n(\d+)\s*\z/ ? $1 : undef;
}
