/**
 * A runtime under test on this machine: its private directories, network and process, and the proof
 * that nothing of it stays behind. Which requests are made of it is the tests' business.
 */
package io.gantry.tests.node;
