/**
 * Output for people: rows by a template, columns in line, sizes and times in words. Which rows
 * there are is not known here.
 */
package io.gantry.docker.cli.table;
