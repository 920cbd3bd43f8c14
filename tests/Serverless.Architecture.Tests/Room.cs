using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Serverless.Architecture.Tests;

/// <summary>A room of the house: one project, with what it references and what its source files import.</summary>
internal sealed partial record Room(string Name, IReadOnlySet<string> References, IReadOnlyList<SourceFile> Files)
{
    public static string Root { get; } =
        Path.GetFullPath(
            typeof(Room).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(m => m.Key == "RepositoryRoot").Value!
        );

    /// <summary>Every project under <c>src</c>, and the functions app.</summary>
    public static IReadOnlyList<Room> All { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Append(Path.Combine(Root, "functions", "Serverless.Functions.csproj"))
            .Select(Read),
    ];

    public static Room Read(string project)
    {
        var folder = Path.GetDirectoryName(project)!;
        var references = XDocument
            .Load(project)
            .Descendants("ProjectReference")
            .Select(r => NameOf(r.Attribute("Include")!.Value.Replace('\\', '/')));
        var files = Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !IsBuilt(Path.GetRelativePath(folder, f)))
            .Select(f => SourceFile.Parse(Path.GetRelativePath(Root, f), File.ReadAllText(f)));
        return new Room(NameOf(project), references.ToHashSet(), [.. files]);
    }

    private static bool IsBuilt(string path) => Built().IsMatch(path.Replace('\\', '/'));

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project)["Serverless.".Length..];

    [GeneratedRegex("(^|/)(bin|obj|node_modules)/")]
    private static partial Regex Built();
}

/// <summary>A source file: its namespace, and every namespace of ours that its <c>using</c> lines name.</summary>
/// <remarks>
/// The Console room's namespace is <c>Serverless.ConsolePage</c>, because <c>Serverless.Console</c> would hide <c>System.Console</c>.
/// </remarks>
internal sealed partial record SourceFile(string Path, string Namespace, IReadOnlySet<string> Uses)
{
    public static SourceFile Parse(string path, string text) =>
        new(
            path,
            Declared().Match(text).Groups["name"].Value,
            Named()
                .Matches(text)
                .Select(m => m.Groups["name"].Value.Replace("ConsolePage", "Console", StringComparison.Ordinal))
                .ToHashSet(StringComparer.Ordinal)
        );

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?(?<name>Serverless\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Named();
}
