/**
 * Command lines: what a command takes, written the way its help shows it, and what was given. Words
 * are read as docker reads them: {@code -itd}, {@code -p80:80}, {@code --name=x}.
 */
package io.gantry.docker.cli.option;
