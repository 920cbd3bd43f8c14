using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Data.Configuration;
using Serverless.Data.Operations;
using Serverless.Data.Pointers;
using Serverless.Data.Repositories;
using Serverless.Data.Values;

namespace Serverless.Data.Tests.Operations;

public sealed class OperationTests
{
    private const string Foreign = """
        # kept
        outs:
        - md5: c4ca4238a0b923820dcc509a6f75849b
          size: 1
          hash: md5
          path: f
          remote: backup   # only there
        desc: 'mine'

        """;

    [Fact]
    public void Add_writes_the_pointer_that_DVC_writes()
    {
        using var folder = new Folder();
        folder.Write("data/a", "1");
        folder.Write("data/sub/b", "2");
        folder.Write("run.sh", "#!/bin/sh\n");
        File.SetUnixFileMode(folder.At("run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Add(folder, "data", "run.sh");

        Assert.Equal(
            "outs:\n- md5: 3da5f80041a6d96e6b0d45cf3c2d5ec0.dir\n  size: 2\n  nfiles: 2\n  hash: md5\n  path: data\n".Replace(
                "3da5f80041a6d96e6b0d45cf3c2d5ec0",
                DigestOf(folder, "data.dvc")
            ),
            File.ReadAllText(folder.At("data.dvc"))
        );
        Assert.Equal(
            "outs:\n- md5: 3e2b31c72181b87149ff995e7202c0e3\n  size: 10\n  isexec: true\n  hash: md5\n  path: run.sh\n",
            File.ReadAllText(folder.At("run.sh.dvc"))
        );
        Assert.Equal(["data.dvc", "run.sh.dvc"], Status(folder, "none"));
    }

    [Fact]
    public void Add_refuses_a_folder_with_rules_of_its_own_and_leaves_the_repository_readable()
    {
        using var folder = new Folder();
        folder.Write("data/a", "1");
        folder.Write("data/sub/.dvcignore", "b\n");

        var error = Assert.Throws<ServerlessException>(() => Add(folder, "data"));

        var data = folder.At("data");
        Assert.Equal($"Cannot add '{data}': '{data}/sub/.dvcignore' would decide what of it is tracked.", error.Message);
        Assert.False(File.Exists(folder.At("data.dvc")));
        Assert.Empty(Status(folder, "none"));
    }

    [Fact]
    public async Task What_is_imported_by_a_relative_path_is_recorded_by_one()
    {
        using var folder = new Folder();
        using var other = new Folder();
        other.Write("source", "1");
        using var repository = folder.Open();
        using var turn = repository.Lock();
        var given = Path.GetRelativePath(Environment.CurrentDirectory, other.At("source"));

        await new ImportOperation(repository).RunAsync(
            given,
            folder.At("data"),
            new ImportOptions(),
            TestContext.Current.CancellationToken
        );

        var path = PointerFile.Load(repository, folder.At("data.dvc")).Dependencies[0].Path;
        Assert.Equal($"../{Path.GetFileName(other.Root)}/source", path);
    }

    [Fact]
    public void An_output_without_cache_is_listed_once_as_a_file_and_not_as_an_output()
    {
        using var folder = new Folder();
        folder.Write("m.json", "{}");
        folder.Write("dvc.yaml", "stages: {s: {cmd: x, outs: [o], metrics: [m.json: {cache: false}]}}\n");
        folder.Write(
            "dvc.lock",
            "schema: '2.0'\nstages: {s: {cmd: x, outs: [{path: m.json, hash: md5, md5: 99914b932bd37a50b983c5e7c90ae93b, size: 2}]}}\n"
        );

        using var tree = RepositoryTree.Open(folder.Root, null, TestContext.Current.CancellationToken);

        Assert.False(Assert.Single(tree.Items, i => i.Path == "m.json").IsOutput);
    }

    [Fact]
    public void Add_again_keeps_what_the_user_wrote_into_the_pointer()
    {
        using var folder = new Folder();
        folder.Write("f", "22");
        folder.Write("f.dvc", Foreign);

        Add(folder, "f");

        Assert.Equal(
            Foreign.Replace("c4ca4238a0b923820dcc509a6f75849b", "b6d767d2f8ed5d21a44b0e5886680cb9").Replace("size: 1", "size: 2"),
            File.ReadAllText(folder.At("f.dvc"))
        );
    }

    [Fact]
    public void A_part_of_a_folder_is_added_without_the_rest()
    {
        using var folder = new Folder();
        folder.Write("data/a", "1");
        folder.Write("data/b", "2");
        Add(folder, "data");
        Directory.Delete(folder.At("data"), recursive: true);
        folder.Write("data/sub/c", "3");
        folder.Write("data/b", "22");

        Add(folder, "data/sub", "data/b");

        using var repository = folder.Open();
        var entry = PointerFile.Load(repository, folder.At("data.dvc")).Outputs[0];
        Assert.Equal(["a", "b", "sub/c"], repository.Cache.OpenListing(entry.Digest!).Files.Select(f => f.Path));
        Assert.Equal((4, 3), (entry.Size, entry.FileCount));
        new CheckoutOperation(repository).Run([]);
        Assert.Equal("1", File.ReadAllText(folder.At("data/a")));
    }

    [Fact]
    public void Of_a_pointer_with_several_outputs_only_what_is_added_changes()
    {
        using var folder = new Folder();
        folder.Write("f", "22");
        folder.Write("g", "22");
        folder.Write(
            "both.dvc",
            "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  hash: md5\n  path: f\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  hash: "
                + "md5\n  path: g\n"
        );

        Add(folder, "f");
        Assert.Equal(
            "outs:\n- md5: b6d767d2f8ed5d21a44b0e5886680cb9\n  hash: md5\n  path: f\n  size: 2\n- md5: "
                + "c4ca4238a0b923820dcc509a6f75849b\n  hash: md5\n  path: g\n",
            File.ReadAllText(folder.At("both.dvc"))
        );

        folder.Write("f", "1");
        Add(folder, "f", "g");
        Assert.Equal(
            "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  hash: md5\n  path: f\n  size: 1\n- md5: "
                + "b6d767d2f8ed5d21a44b0e5886680cb9\n  hash: md5\n  path: g\n  size: 2\n",
            File.ReadAllText(folder.At("both.dvc"))
        );
    }

    [Fact]
    public void Status_tells_what_changed()
    {
        using var folder = new Folder();
        foreach (var name in (string[])["same", "changed", "gone", "uncached"])
        {
            folder.Write(name, name);
        }

        Add(folder, "same", "changed", "gone", "uncached");
        folder.Write("changed", "other");
        File.Delete(folder.At("gone"));
        using (var repository = folder.Open())
        {
            File.Delete(repository.Cache.PathOf(PointerFile.Load(repository, folder.At("uncached.dvc")).Outputs[0].Digest!));
        }

        using var again = folder.Open();
        var status = JsonNode.Parse(PythonJson.Dump(new StatusOperation(again).Run(RepositoryIndex.Load(again), [])))!.AsObject();
        Assert.Equal(
            ["changed.dvc modified", "gone.dvc deleted", "uncached.dvc not in cache"],
            status.Select(s => $"{Path.GetFileName(s.Key)} {s.Value![0]!["changed outs"]!.AsObject().Single().Value}").Order()
        );
    }

    [Fact]
    public void Checkout_restores_what_can_be_and_names_the_rest()
    {
        using var folder = new Folder();
        folder.Write("a", "1");
        folder.Write("b", "2");
        Add(folder, "a", "b");
        File.Delete(folder.At("a"));
        File.Delete(folder.At("b"));
        using var repository = folder.Open();
        File.Delete(repository.Cache.PathOf("c4ca4238a0b923820dcc509a6f75849b"));

        var report = new CheckoutOperation(repository).Run([]);

        Assert.Equal(("b", "a"), (Path.GetFileName(Assert.Single(report.Added)), Path.GetFileName(Assert.Single(report.Failed))));
        Assert.Equal("2", File.ReadAllText(folder.At("b")));
    }

    [Fact]
    public void An_output_that_no_pointer_names_any_more_goes_only_if_the_cache_has_it()
    {
        using var folder = new Folder();
        folder.Write("safe", "1");
        folder.Write("edited", "2");
        Add(folder, "safe", "edited");
        folder.Write("edited", "new work");
        File.Delete(folder.At("safe.dvc"));
        File.Delete(folder.At("edited.dvc"));

        using var repository = folder.Open();
        new CheckoutOperation(repository).Run([]);

        Assert.False(File.Exists(folder.At("safe")));
        Assert.Equal("new work", File.ReadAllText(folder.At("edited")));
    }

    [Fact]
    public void Move_takes_pointer_and_comments_along()
    {
        using var folder = new Folder();
        folder.Write("f", "1");
        folder.Write("f.dvc", Foreign);

        using var repository = folder.Open();
        Directory.CreateDirectory(folder.At("d"));
        new MoveOperation(repository).Run(folder.At("f"), folder.At("d/g"));

        Assert.Equal(Foreign.Replace("path: f", "path: g"), File.ReadAllText(folder.At("d/g.dvc")));
        Assert.Equal("1", File.ReadAllText(folder.At("d/g")));
        Assert.False(File.Exists(folder.At("f.dvc")));
    }

    [Fact]
    public void Remove_of_a_stage_edits_both_files_in_place()
    {
        using var folder = new Folder();
        folder.Write("dvc.yaml", "stages:\n  # first\n  a:\n    cmd: x   # why\n  b:\n    cmd: y\n");
        folder.Write("dvc.lock", "schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: y\n");
        using var repository = folder.Open();

        new RemoveOperation(repository).Run([folder.At("dvc.yaml") + ":b"]);

        Assert.Equal("stages:\n  # first\n  a:\n    cmd: x   # why\n", File.ReadAllText(folder.At("dvc.yaml")));
        Assert.Equal("schema: '2.0'\nstages:\n  a:\n    cmd: x\n", File.ReadAllText(folder.At("dvc.lock")));
    }

    [Fact]
    public void A_lock_names_outputs_with_the_working_folder_and_without_what_git_keeps()
    {
        using var folder = new Folder();
        folder.Write(
            "p/dvc.yaml",
            "stages:\n  s:\n    wdir: w\n    cmd: x\n    outs:\n    - o\n    metrics:\n    - m.json:\n        cache: false\n"
        );
        folder.Write(
            "p/dvc.lock",
            "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: m.json\n      md5: c4ca4238a0b923820dcc509a6f75849b\n    "
                + "- path: o\n      hash: md5\n      md5: c4ca4238a0b923820dcc509a6f75849b\n      size: 1\n"
        );
        using var repository = folder.Open();

        Assert.Equal(folder.At("p/w/o"), Assert.Single(RepositoryIndex.Load(repository).Outputs).Path);
    }

    [Theory]
    [InlineData("missing", "output 'missing' does not exist")]
    [InlineData(".", "Cannot add the repository itself.")]
    [InlineData(".dvc/config", "Cannot add files inside '.dvc' directory")]
    [InlineData("x.dvc", "cannot be an output")]
    [InlineData("ignored", "is ignored by .dvcignore")]
    [InlineData("outs", "overlapping")]
    public void What_cannot_be_added_is_told(string name, string message)
    {
        using var folder = new Folder();
        folder.Write(".dvcignore", "ignored\n");
        folder.Write("ignored", "1");
        folder.Write("outs/in", "1");
        Add(folder, "outs/in");

        var e = Assert.Throws<ServerlessException>(() => Add(folder, name));

        Assert.Contains(message, e.Message.Replace(folder.Root + "/", ""));
    }

    [Fact]
    public void A_pointer_of_DVC_2_is_read_and_written_as_DVC_3()
    {
        using var folder = new Folder();
        folder.Write("f", "a\r\nb\r\n");
        folder.Write("f.dvc", "outs:\n- md5: dd8c6a395b5dd36c56d23275028f526c\n  size: 6\n  path: f\n");
        folder.Write(".dvc/cache/dd/8c6a395b5dd36c56d23275028f526c", "a\r\nb\r\n");
        Assert.Equal(["f.dvc"], Status(folder, "none"));
        File.Delete(folder.At("f"));
        using (var repository = folder.Open())
        {
            new CheckoutOperation(repository).Run([]);
        }

        Assert.Equal("a\r\nb\r\n", File.ReadAllText(folder.At("f")));
        Add(folder, "f");
        Assert.Equal(
            "outs:\n- md5: 59b0d7772f0561efb95518f3cb8abc60\n  size: 6\n  path: f\n  hash: md5\n",
            File.ReadAllText(folder.At("f.dvc"))
        );
    }

    [Fact]
    public async Task An_import_is_fetched_again_when_its_source_changed()
    {
        using var folder = new Folder();
        using var other = new Folder();
        other.Write("source/a", "1");
        using (var repository = folder.Open())
        {
            await new ImportOperation(repository).RunAsync(other.At("source"), folder.At("data"), new ImportOptions());
        }

        Assert.Equal("1", File.ReadAllText(folder.At("data/a")));
        var before = File.ReadAllText(folder.At("data.dvc"));
        Assert.Contains("frozen: true\ndeps:\n- md5: ", before);
        Assert.Contains("  hash: md5\n  path: " + other.At("source") + "\n", before);
        other.Write("source/b", "2");
        using var again = folder.Open();
        var import = new ImportOperation(again);
        Assert.Single(await import.UpdateAsync([]));
        Assert.Equal("2", File.ReadAllText(folder.At("data/b")));
        Assert.Empty(await import.UpdateAsync([]));
    }

    [Fact]
    public void Settings_are_edited_in_place()
    {
        using var folder = new Folder();
        var path = folder.Write(
            "c",
            "# mine\n[core]\n    remote = a   # default\n    analytics = false\n\n# storage\n['remote \"a\"']\n    url = ../x\n"
        );
        var file = ConfigFile.Load(path);

        file.Set("remote:a", "connection_string", "A=b;C=d#e,f");
        file.Set("core", "remote", "b");
        file.Set("cache", "type", "hardlink");
        file.Remove("core", "analytics");
        file.Save();

        Assert.Equal(
            "# mine\n[core]\n    remote = b\n\n# storage\n['remote \"a\"']\n    url = ../x\n    connection_string = "
                + "\"A=b;C=d#e,f\"\n[cache]\n    type = hardlink\n",
            File.ReadAllText(path)
        );
        Assert.Contains(("remote:a", "connection_string", "A=b;C=d#e,f"), ConfigFile.Load(path).Options());
    }

    [Fact]
    public void The_local_file_overrules_the_repositorys_and_paths_start_at_their_file()
    {
        using var folder = new Folder();
        folder.Write(".dvc/config", "[core]\n    no_scm = True\n    remote = a\n['remote \"a\"']\n    url = ../../storage\n");
        folder.Write(".dvc/config.local", "[core]\nremote = B\n['remote \"a\"']\n    account_key = 'x y'\n");
        using var repository = folder.Open();

        Assert.Equal("b", repository.Config.DefaultRemote);
        Assert.Equal("x y", repository.Config.Remote("A")["account_key"]);
        Assert.Equal(Path.GetFullPath(folder.At("../storage")), repository.Config.Location("remote:a", "url"));
    }

    private static void Add(Folder folder, params string[] names)
    {
        using var repository = folder.Open();
        using var turn = repository.Lock();
        new AddOperation(repository).Run([.. names.Select(folder.At)], new AddOptions());
    }

    private static IEnumerable<string> Status(Folder folder, string state)
    {
        using var repository = folder.Open();
        var index = RepositoryIndex.Load(repository);
        var status = new StatusOperation(repository).Run(index, []);
        return state == "none" ? index.Pointers.Where(p => !status.Contains(p.Name)).Select(p => Path.GetFileName(p.Path)).Order() : [];
    }

    private static string DigestOf(Folder folder, string pointer)
    {
        using var repository = folder.Open();
        return PointerFile.Load(repository, folder.At(pointer)).Outputs[0].Digest![..32];
    }
}
