/** Commands about networks. */
package io.gantry.docker.cli.network;
