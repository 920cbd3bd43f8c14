using System.Globalization;
using System.Text;
using Serverless.Core;

namespace Serverless.Api.Artifacts;

/// <summary>
/// Normalizes artifact paths from clients. MLflow's client and server decode a path until it no longer changes, and compare the result
/// (`dog%step%100` contains the code of a control character and stands for itself). Every path is therefore normalized before use, and the
/// normalized path is checked for escapes from its root.
/// </summary>
internal static class ArtifactPath
{
    private const int MaxDecodings = 10;

    private static ServerlessException Invalid => ServerlessException.Invalid("Invalid path");

    /// <summary>The normalized path: names separated by `/`. The root is empty.</summary>
    public static string Parse(string path)
    {
        // A client that means the character escapes it. Unescaped, it truncates names in other programs.
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

    /// <summary>The normalized path of a file.</summary>
    public static string ParseFile(string path) => Parse(path) is { Length: > 0 } file && !path.EndsWith('/') ? file : throw Invalid;

    /// <summary>A path created by this server. Null if no client could request it.</summary>
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

    /// <summary>The raw path of a request, before the server resolves `..` in it.</summary>
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
            // Python's URL parser drops these characters, and the rest may be an escape again.
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

    /// <summary>Python's urllib.parse.unquote: invalid UTF-8 becomes U+FFFD, and a `%` that does not start an escape stays.</summary>
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
    /// Escapes characters that a blob name or XML cannot contain. Decoding and escaping again changes nothing.
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
