/**
 * What a command is: what it takes, what it is given to work with, how it fails. The commands
 * themselves live elsewhere, by what they are about.
 */
package io.gantry.docker.cli.command;
