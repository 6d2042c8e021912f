package Greeting;
use strict;
use warnings;

# What a visitor is told.
sub for_visit {
  my ($number) = @_;
  my $ending = $number == 1 ? '' : 's';
  return qq({"greeting": "$number visit$ending"}\n);
}

1;
