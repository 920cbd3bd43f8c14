using System.Globalization;
using System.Text;
using Serverless.Core;

namespace Serverless.Api.Artifacts;

/// <summary>
/// Paths of artifacts as clients send them. MLflow's client and server decode a path until it stays as it is, and compare what is left
/// (`dog%step%100` holds the code of a control character and means itself), so every path is brought into that one form before it
/// names anything, and in that form it is looked at for ways out of its root.
/// </summary>
internal static class ArtifactPath
{
    private const int MaxDecodings = 10;

    private static ServerlessException Invalid => ServerlessException.Invalid("Invalid path");

    /// <summary>The path in its one form: names with `/` between them; the root is empty.</summary>
    public static string Parse(string path)
    {
        // A client that means the character writes it as text; raw, it ends names early in other programs.
        if (path.Contains('\0'))
        {
            throw Invalid;
        }

        var decoded = Decode(path);
        if (IsOutside(decoded))
        {
            throw Invalid;
        }

        var normal = PosixPath.Normalize(Escape(decoded));
        return normal == "." ? "" : normal;
    }

    /// <summary>The same for a path that names a file.</summary>
    public static string ParseFile(string path) => Parse(path) is { Length: > 0 } file && !path.EndsWith('/') ? file : throw Invalid;

    /// <summary>A path that this server made; null if it is none that a client could ask for.</summary>
    public static string? TryParse(string path)
    {
        try
        {
            return ParseFile(path);
        }
        catch (ServerlessException)
        {
            return null;
        }
    }

    /// <summary>A request's own path as it was sent: the server has resolved `..` in it before anybody else sees it.</summary>
    public static void CheckTarget(string target)
    {
        if (Decode(target.Split('?', 2)[0]).Split('/', '\\').Contains(".."))
        {
            throw Invalid;
        }
    }

    public static string Join(string folder, string name) =>
        folder.Length == 0 ? name
        : name.Length == 0 ? folder
        : $"{folder}/{name}";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool IsOutside(string path) =>
        path.Split('/', '\\').Contains("..")
        || path.StartsWith('/')
        || path.StartsWith('\\')
        || (path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '/' or '\\')
        || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    private static string Decode(string path)
    {
        for (var i = 0; i < MaxDecodings; i++)
        {
            // Python's URL parser drops these, and what is left may be a code again.
            var decoded = Unquote(path)
                .Replace("\t", "", StringComparison.Ordinal)
                .Replace("\r", "", StringComparison.Ordinal)
                .Replace("\n", "", StringComparison.Ordinal);
            if (decoded == path)
            {
                return path;
            }

            path = decoded;
        }

        throw Invalid;
    }

    /// <summary>Python's urllib.parse.unquote: bytes that are no UTF-8 become U+FFFD, a `%` that begins no code stays.</summary>
    private static string Unquote(string text)
    {
        if (!text.Contains('%'))
        {
            return text;
        }

        var unquoted = new StringBuilder(text.Length);
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (
                text[i] == '%'
                && i + 2 < text.Length
                && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            )
            {
                bytes.Add(code);
                i += 2;
                continue;
            }

            Flush();
            unquoted.Append(text[i]);
        }

        Flush();
        return unquoted.ToString();

        void Flush()
        {
            unquoted.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
        }
    }

    /// <summary>
    /// What no name of a blob or no XML can hold is kept as its code. To decode that and escape it again changes nothing.
    /// </summary>
    private static string Escape(string path)
    {
        var escaped = new StringBuilder(path.Length);
        foreach (var c in path)
        {
            _ = c switch
            {
                < ' ' or '\x7f' or '\\' => escaped.Append('%').Append(((int)c).ToString("x2", CultureInfo.InvariantCulture)),
                '\ufffe' => escaped.Append("%ef%bf%be"),
                '\uffff' => escaped.Append("%ef%bf%bf"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }
}
