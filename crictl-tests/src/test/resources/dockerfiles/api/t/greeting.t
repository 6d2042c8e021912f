use strict;
use warnings;
use Greeting;

Greeting::for_visit(1) eq qq({"greeting": "1 visit"}\n) or die 'one visit';
Greeting::for_visit(2) eq qq({"greeting": "2 visits"}\n) or die 'two visits';
print "greeting.t passed\n";
