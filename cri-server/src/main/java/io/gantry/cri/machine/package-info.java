/** What gantry.v1 tells of the machine as a whole. Nothing is changed here. */
package io.gantry.cri.machine;
