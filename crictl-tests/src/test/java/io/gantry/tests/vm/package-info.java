/**
 * Running tests without Maven, inside the virtual machine, and writing down how each of them ended.
 * Nothing here knows how the machine was booted, and no test lives here.
 */
package io.gantry.tests.vm;
