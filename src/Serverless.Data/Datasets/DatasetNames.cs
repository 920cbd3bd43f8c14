using System.Text;
using Serverless.Core;

namespace Serverless.Data.Datasets;

/// <summary>What datasets, branches, tags and the paths inside of a version may be called.</summary>
public static class DatasetNames
{
    private const int MaxName = 100;
    private const int MaxPath = 1024;

    public static string Check(string name, string what) =>
        name.Length is > 0 and <= MaxName
        && name[0] is not ('.' or '-')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? name
            : throw ServerlessException.Invalid(
                $"'{name}' is not a name for a {what}.",
                $"Use 1 to {MaxName} letters, digits, '.', '_' and '-', the first one a letter, digit or '_'."
            );

    /// <summary>A branch or tag is never a number: that is what versions are called.</summary>
    public static string CheckLabel(string name, string what) =>
        Check(name, what).All(char.IsAsciiDigit)
            ? throw ServerlessException.Invalid($"'{name}' is not a name for a {what}: a number is a version's.", "Put a letter into it.")
            : name;

    public static string CheckPath(string path)
    {
        var parts = path.Split('/');
        return
            path.Length is > 0 and <= MaxPath
            && parts.All(p => p.Length > 0 && p is not ("." or ".."))
            && !path.Contains('\0', StringComparison.Ordinal)
            && IsText(path)
            ? path
            : throw ServerlessException.Invalid(
                $"'{path}' is not a path of a file in a dataset.",
                "Use names with `/` between them, none of them empty, '.' or '..'."
            );
    }

    private static bool IsText(string path)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(path);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
