package org.pinpipeline.connect;

/** The plugin's version, from the jar's manifest. */
final class Version {
    static final String OF_THIS_PLUGIN = fromManifest();

    private Version() {}

    private static String fromManifest() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
