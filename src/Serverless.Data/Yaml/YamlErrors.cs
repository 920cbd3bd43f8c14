using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Core;
using YamlDotNet.Core;

namespace Serverless.Data.Yaml;

/// <summary>Turns the parser's messages into findings that a person can act on.</summary>
internal static partial class YamlErrors
{
    public static ServerlessException From(YamlException wrong, string text, string file)
    {
        var lines = text.Split('\n');
        var conflict = Array.FindIndex(lines, l => ConflictMarker().IsMatch(l));
        if (conflict >= 0)
        {
            return Exception(
                file,
                conflict + 1,
                "git merge conflict markers",
                "Resolve the conflict and remove the lines with <<<<<<<, ======= and >>>>>>>."
            );
        }

        var line = Convert.ToInt32(wrong.Start.Line, CultureInfo.InvariantCulture);
        var what = (wrong.InnerException as YamlException ?? wrong).Message.TrimEnd('.');
        return Exception(file, line, what, FixFor(what, line >= 1 && line <= lines.Length ? lines[line - 1] : ""));
    }

    public static ServerlessException TooLong(string file) =>
        ServerlessException.Invalid(
            $"unable to read: '{file}', it is longer than {YamlReader.MostBytes >> 20} MiB",
            [new Diagnostic(file, 0, $"the file is longer than {YamlReader.MostBytes >> 20} MiB", "Keep data out of it.")]
        );

    private static ServerlessException Exception(string file, int line, string what, string? fix) =>
        ServerlessException.Invalid(
            $"unable to read: '{file}', YAML file structure is corrupted: {what}, line {line}",
            [new Diagnostic(file, line, $"YAML file structure is corrupted: {what}", fix)]
        );

    private static string? FixFor(string what, string line) =>
        what switch
        {
            _ when what.Contains("duplicate key", StringComparison.Ordinal) => "Keep one of the two.",
            _ when line.TakeWhile(char.IsWhiteSpace).Contains('\t') => "Indent with spaces. YAML does not allow tabs here.",
            _ when what.Contains("apping values are not allowed", StringComparison.Ordinal) =>
                "Put text that contains ': ' into quotes, or check the indentation.",
            _ when what.Contains("constructor for the tag", StringComparison.Ordinal) => "Remove the tag, or put the text into quotes.",
            _ when what.Contains("cannot start any token", StringComparison.Ordinal) =>
                "Put text that starts with a special character into quotes.",
            _ => "Check the indentation, and that every quote and bracket is closed.",
        };

    [GeneratedRegex(@"^([<=>])\1{6}( .*)?\r?$", RegexOptions.CultureInvariant)]
    private static partial Regex ConflictMarker();
}
