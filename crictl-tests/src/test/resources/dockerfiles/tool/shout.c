#include "shout.h"
#include <ctype.h>
#include <stdio.h>

void shout(const char *words) {
  while (*words)
    putchar(toupper((unsigned char)*words++));
  puts("!");
}
