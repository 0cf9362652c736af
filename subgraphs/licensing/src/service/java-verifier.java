import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** Checks a license with what Java brings along: arguments are the license and the public key, DER in base64. */
class JavaVerifier {
    public static void main(String[] args) throws Exception {
        String[] parts = args[0].split("\\.");
        var key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(args[1])));
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(key);
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        System.out.println(signature.verify(Base64.getUrlDecoder().decode(parts[2])) ? "good" : "bad");
        System.out.println(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    }
}
