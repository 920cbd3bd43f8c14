namespace Serverless.Architecture.Tests;

/// <summary>
/// Holds the arrows between the rooms: hosts → Api → Automation, Serving, Dvc → Training → Pipelines → Data, Tracking → Storage → Core;
/// Monitoring → Core. docs/architecture.md draws the same picture.
/// </summary>
public sealed class ArrowTests
{
    /// <summary>The rooms that each room may reference directly. A room may use whatever those may use.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Core"] = [],
        ["Storage"] = ["Core"],
        ["Monitoring"] = ["Core"],
        ["Data"] = ["Storage"],
        ["Tracking"] = ["Storage"],
        ["Pipelines"] = ["Data", "Tracking"],
        ["Training"] = ["Pipelines", "Monitoring"],
        ["Dvc"] = ["Pipelines"],
        ["Serving"] = ["Training"],
        ["Automation"] = ["Serving", "Dvc"],
        ["Console"] = [],
        ["Api"] = ["Automation", "Console"],
        ["Local"] = ["Api"],
        ["Functions"] = ["Api"],
    };

    [Fact]
    public void Every_room_has_its_arrows() => Assert.Equal(Allowed.Keys.Order(), Room.All.Select(r => r.Name).Order());

    [Fact]
    public void Projects_reference_what_the_arrows_allow() => Assert.Empty(Room.All.SelectMany(References));

    [Fact]
    public void Source_files_import_what_the_arrows_allow() => Assert.Empty(Room.All.SelectMany(Imports));

    [Fact]
    public void A_planted_reference_is_found() =>
        Assert.Equal(
            ["Tracking -> Training (project reference)"],
            References(new Room("Tracking", new HashSet<string> { "Storage", "Training" }, []))
        );

    [Fact]
    public void A_planted_import_is_found()
    {
        var file = SourceFile.Parse(
            "src/Serverless.Data/X.cs",
            "using Serverless.Core;\nusing Serverless.Pipelines.Model;\n\nnamespace Serverless.Data;\n"
        );
        Assert.Equal(["Data -> Pipelines (src/Serverless.Data/X.cs)"], Imports(new Room("Data", new HashSet<string>(), [file])));
    }

    /// <summary>The front end of DVC's files has no circle: projects use the reader of dvc.yaml, never the other way round.</summary>
    [Fact]
    public void The_folders_of_the_Dvc_room_form_no_circle() => Assert.Null(CircleIn(Room.All.Single(r => r.Name == "Dvc")));

    [Fact]
    public void A_planted_circle_is_found()
    {
        var room = new Room(
            "Dvc",
            new HashSet<string>(),
            [
                SourceFile.Parse("a.cs", "using Serverless.Dvc.Reading;\nnamespace Serverless.Dvc.Projects;\n"),
                SourceFile.Parse("b.cs", "using Serverless.Dvc.Projects;\nnamespace Serverless.Dvc.Reading;\n"),
            ]
        );
        Assert.NotNull(CircleIn(room));
    }

    private static IEnumerable<string> References(Room room) =>
        room.References.Except(Reachable(room.Name)).Select(r => $"{room.Name} -> {r} (project reference)");

    private static IEnumerable<string> Imports(Room room)
    {
        var reachable = Reachable(room.Name).Append(room.Name).ToHashSet(StringComparer.Ordinal);
        return room.Files.SelectMany(file =>
            file.Uses.Select(u => u.Split('.')[1])
                .Distinct()
                .Where(r => !reachable.Contains(r))
                .Select(r => $"{room.Name} -> {r} ({file.Path})")
        );
    }

    private static HashSet<string> Reachable(string room)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(Allowed[room]);
        while (open.TryPop(out var next))
        {
            if (found.Add(next))
            {
                Array.ForEach(Allowed[next], open.Push);
            }
        }

        return found;
    }

    /// <summary>The first circle among a room's folders, as text; null if there is none.</summary>
    private static string? CircleIn(Room room)
    {
        static string? FolderOf(string name) => name.Split('.') is { Length: > 2 } parts ? parts[2] : null;
        var arrows = room
            .Files.SelectMany(f =>
                f.Uses.Where(u => u.Split('.')[1] == room.Name).Select(u => (From: FolderOf(f.Namespace), To: FolderOf(u)))
            )
            .Where(a => a.From is not null && a.To is not null && a.From != a.To)
            .ToLookup(a => a.From!, a => a.To!);
        string? Walk(string at, IReadOnlyList<string> path) =>
            path.Contains(at)
                ? string.Join(" -> ", path.Append(at))
                : arrows[at].Distinct().Select(next => Walk(next, [.. path, at])).FirstOrDefault(c => c is not null);
        return arrows.Select(a => Walk(a.Key, [])).FirstOrDefault(c => c is not null);
    }
}
