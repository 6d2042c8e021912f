#include "shout.h"
#include <stdio.h>
#include <string.h>

int main(int count, char **words) {
  if (count < 2)
    return 64;
  if (strcmp(words[1], "--version") == 0)
    puts("shout " VERSION);
  else
    shout(words[1]);
  return 0;
}
