/* Writes words in capitals. */
void shout(const char *words);
