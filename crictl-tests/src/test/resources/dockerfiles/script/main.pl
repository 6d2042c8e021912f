use strict;
use warnings;
print "runs in $ENV{MODE} with @ARGV\n";
