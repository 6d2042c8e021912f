/**
 * HTTP/1.1 over unix and TCP sockets, with bodies that stream and connections that are taken over
 * after the answer. The JDK's client can do neither unix sockets nor the latter. What is asked, and
 * what an answer means, is not known here.
 */
package io.gantry.docker.cli.http;
