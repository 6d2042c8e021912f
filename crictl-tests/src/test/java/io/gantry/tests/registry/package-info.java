/**
 * Test images made from Debian packages and the registry on the loopback that serves them. No
 * container runtime is needed or used to build them.
 */
package io.gantry.tests.registry;
