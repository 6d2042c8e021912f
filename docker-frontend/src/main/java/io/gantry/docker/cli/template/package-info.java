/**
 * Templates for output: the part of Go's text/template that people use with docker's {@code
 * --format}. What is printed with them is not known here.
 */
package io.gantry.docker.cli.template;
