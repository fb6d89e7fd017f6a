import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/** java TrustStore.java BUNDLE.pem STORE.p12: the bundle's certificates as a store that Java takes, which no PEM is. */
class TrustStore {
  public static void main(String[] arguments) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var bundle = Files.newInputStream(Path.of(arguments[0]))) {
      for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(bundle)) {
        store.setCertificateEntry("ca-" + store.size(), certificate);
      }
    }
    try (var out = Files.newOutputStream(Path.of(arguments[1]))) {
      store.store(out, "changeit".toCharArray()); // certificates alone: nothing in it is secret
    }
  }
}
