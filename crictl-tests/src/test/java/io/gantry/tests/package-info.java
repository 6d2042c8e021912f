/**
 * Integration tests: what a person or the kubelet sees of a running daemon, through strangers'
 * clients and a real kernel. Nothing here looks inside the daemon; tests of single classes sit
 * beside those classes.
 */
package io.gantry.tests;
