using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Data.Remotes;

namespace Serverless.Api.Native.Data;

/// <summary>
/// The names in the workspace's container that the remote protocol may access: content by digest, the run cache, and the trash of garbage
/// collection. Everything else, such as logs and artifacts, is off limits.
/// </summary>
internal static partial class ObjectNames
{
    public const string Trash = "trash/";

    public static string Check(string name) =>
        ObjectId.OfRemoteName(name) is not null
        || RunCache().IsMatch(name)
        || Trashed().Match(name) is { Success: true } match && IsContent(match.Groups["name"].Value)
        || TrashRecord().IsMatch(name)
            ? name
            : throw ServerlessException.Invalid(
                $"'{name}' is not an object name.",
                "Object names are `files/md5/ab/cdef…[.dir]`, `ab/cdef…` for DVC 2, or `runs/ab/…/…` for the run cache."
            );

    public static string CheckPrefix(string prefix) =>
        prefix.StartsWith("files/md5/", StringComparison.Ordinal)
        || prefix.StartsWith("runs/", StringComparison.Ordinal)
        || prefix.StartsWith(Trash, StringComparison.Ordinal)
        || LegacyPrefix().IsMatch(prefix)
            ? prefix
            : throw ServerlessException.Invalid(
                $"The prefix '{prefix}' cannot be listed.",
                "Use a prefix that starts with `files/md5/`, `runs/`, `trash/`, or `ab/` for DVC 2."
            );

    public static bool IsTrash(string name) => name.StartsWith(Trash, StringComparison.Ordinal);

    private static bool IsContent(string name) => ObjectId.OfRemoteName(name) is not null || RunCache().IsMatch(name);

    [GeneratedRegex("^runs/[0-9a-f]{2}/[0-9a-f]{64}/[0-9a-f]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex RunCache();

    [GeneratedRegex("^trash/[0-9a-z-]{1,64}/(?<name>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Trashed();

    [GeneratedRegex("^trash/[0-9a-z-]{1,64}\\.json$", RegexOptions.CultureInvariant)]
    private static partial Regex TrashRecord();

    [GeneratedRegex("^[0-9a-f]{2}/", RegexOptions.CultureInvariant)]
    private static partial Regex LegacyPrefix();
}
