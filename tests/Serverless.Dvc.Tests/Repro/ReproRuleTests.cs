using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Repro;

namespace Serverless.Dvc.Tests.Repro;

/// <summary>What makes a stage run, what is taken from before, and what is left alone.</summary>
public sealed class ReproRuleTests
{
    private const string Chain = """
        stages:
          a: {cmd: cp in a.out, deps: [in], outs: [a.out]}
          b: {cmd: cat a.out > b.out, deps: [a.out], params: [lr], outs: [b.out]}
          c: {cmd: cat b.out > c.out, deps: [b.out], outs: [c.out]}
        """;

    [Fact]
    public async Task Only_what_a_change_reaches_runs_again()
    {
        using var folder = new ReproFolder(Chain).Write("in", "1").Write("params.yaml", "lr: 1\nother: 1\n");
        Assert.Equal(["a", "b", "c"], await folder.ReproducedAsync());
        Assert.Empty(await folder.ReproducedAsync());
        folder.Write("params.yaml", "lr: 2\nother: 5\n");

        // b writes the same again, so c has nothing to do.
        var result = await folder.ReproAsync();
        Assert.Equal(["b"], result.Reproduced);
        Assert.Equal(["parameter lr of params.yaml: modified (1 -> 2)"], result.Stages[1].Why);
        folder.Write("params.yaml", "lr: 2.0\nother: 7\n");
        Assert.Empty(await folder.ReproducedAsync());
        folder.Write("in", "2");
        Assert.Equal(["a", "b", "c"], await folder.ReproducedAsync());
        Assert.Equal("2", folder.Read("c.out"));
    }

    [Fact]
    public async Task Deleted_outputs_come_from_the_lock_and_old_inputs_from_the_run_cache()
    {
        using var folder = new ReproFolder(Chain).Write("in", "1").Write("params.yaml", "lr: 1\n");
        await folder.ReproAsync();
        File.Delete(folder.At("a.out"));
        folder.Write("c.out", "spoiled");
        Assert.Equal(["a", "c"], await folder.ReproducedAsync());
        Assert.Empty(folder.Ran);
        Assert.Equal("1", folder.Read("c.out"));

        folder.Write("in", "2");
        await folder.ReproAsync();
        folder.Write("in", "1");
        Assert.Equal(["a", "b", "c"], await folder.ReproducedAsync());
        Assert.Empty(folder.Ran);
        Assert.Equal("1", folder.Read("c.out"));

        folder.Write("in", "2");
        await folder.ReproAsync(new ReproOptions { RunCache = false });
        Assert.Equal(["a", "b", "c"], folder.Ran);
    }

    [Fact]
    public async Task A_changed_command_runs_and_comments_and_unknown_keys_of_the_lock_stay()
    {
        using var folder = new ReproFolder(Chain).Write("in", "1").Write("params.yaml", "lr: 1\n");
        await folder.ReproAsync();
        folder.Write("dvc.lock", "# ours\n" + folder.Read("dvc.lock"));
        folder.Write("dvc.yaml", Chain.Replace("cat b.out >", "cat b.out b.out >", StringComparison.Ordinal));
        var result = await folder.ReproAsync();
        Assert.Equal(["the command changed"], result.Stages[2].Why);
        Assert.Equal("11", folder.Read("c.out"));
        Assert.StartsWith("# ours\nschema: '2.0'\n", folder.Read("dvc.lock"), StringComparison.Ordinal);
        Assert.Empty(await folder.ReproducedAsync());
    }

    [Fact]
    public async Task Targets_downstream_single_item_force_and_dry()
    {
        using var folder = new ReproFolder(Chain).Write("in", "1").Write("params.yaml", "lr: 1\n");
        Assert.Equal(["a", "b", "c"], (await folder.ReproAsync(new ReproOptions { Dry = true })).Reproduced);
        Assert.False(folder.Has("a.out"));
        Assert.False(folder.Has("dvc.lock"));
        Assert.Equal(["a", "b"], await folder.ReproducedAsync(new ReproOptions { Targets = ["b"] }));
        Assert.Equal(
            ["b", "c"],
            (
                await folder.ReproAsync(
                    new ReproOptions
                    {
                        Targets = ["b"],
                        Downstream = true,
                        Force = true,
                    }
                )
            ).Reproduced
        );
        Assert.Equal(
            ["b"],
            (
                await folder.ReproAsync(
                    new ReproOptions
                    {
                        Targets = ["b"],
                        SingleItem = true,
                        Force = true,
                    }
                )
            ).Stages.Select(s => s.Stage)
        );
        folder.Write("in", "2");
        Assert.Equal(["a", "b", "c"], (await folder.ReproAsync(new ReproOptions { Targets = ["c"], Pipeline = true })).Reproduced);
        folder.Write("params.yaml", "lr: 3\n");
        Assert.Equal(["b", "c"], (await folder.ReproAsync(new ReproOptions { ForceDownstream = true })).Reproduced);
        await Assert.ThrowsAsync<ServerlessException>(() => folder.ReproAsync(new ReproOptions { Targets = ["nosuch"] }));
    }

    [Fact]
    public async Task Every_line_has_a_shell_of_its_own_the_stage_and_the_root()
    {
        using var folder = new ReproFolder(
            """
            stages:
              s:
                wdir: sub
                cmd: |
                  cd /
                  x=1; echo "$PWD $DVC_ROOT $DVC_STAGE $x" > out
                outs: [out]
            """
        ).Write("sub/keep", "");
        await folder.ReproAsync();
        Assert.Equal($"{folder.Root}/sub {folder.Root} s 1\n", folder.Read("sub/out"));
        Assert.Equal("/out\n", folder.Read("sub/.gitignore"));
    }

    [Fact]
    public async Task Stages_that_do_not_need_one_another_run_at_the_same_time()
    {
        // Each waits for the other: one after the other they would never end.
        using var folder = new ReproFolder(
            """
            stages:
              a: {cmd: 'touch a.here; while [ ! -e b.here ]; do sleep 0.01; done; echo a > a', outs: [a]}
              b: {cmd: 'touch b.here; while [ ! -e a.here ]; do sleep 0.01; done; echo b > b', outs: [b]}
              c: {cmd: cat a b > c, deps: [a, b], outs: [c]}
            """
        );
        Assert.Equal(["a", "b", "c"], await folder.ReproducedAsync(new ReproOptions { Jobs = 2 }));
        Assert.Equal(["a", "b", "c"], ((DataMap)folder.Lock["stages"]!).TextKeys);
        Assert.Equal("a\nb\n", folder.Read("c"));
    }

    [Fact]
    public async Task Persisted_outputs_are_there_when_the_command_starts_others_are_not()
    {
        using var folder = new ReproFolder(
            """
            stages:
              s:
                cmd: 'echo more >> kept; cat fresh >> kept 2>/dev/null; echo x > fresh'
                deps: [in]
                outs: [fresh, {kept: {persist: true}}]
            """
        ).Write("in", "1");
        await folder.ReproAsync();
        folder.Write("in", "2");
        await folder.ReproAsync();
        Assert.Equal("more\nmore\n", folder.Read("kept"));
        Assert.Empty(folder.Files(".dvc/cache/runs"));
    }

    [Fact]
    public async Task A_metric_that_Git_keeps_is_in_the_cache_for_the_run_cache()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: 'cp in m.json', deps: [in], metrics: [{m.json: {cache: false}}]}}").Write(
            "in",
            "{\"a\": 1}"
        );
        await folder.ReproAsync();
        Assert.Single(folder.Files(".dvc/cache/runs"));
        Assert.False(folder.Has(".gitignore"));
        folder.Write("in", "{\"a\": 2}");
        await folder.ReproAsync();
        folder.Write("in", "{\"a\": 1}");
        await folder.ReproAsync();
        Assert.Empty(folder.Ran);
        Assert.Equal("{\"a\": 1}", folder.Read("m.json"));
    }

    [Fact]
    public async Task Data_that_was_added_is_recorded_anew_before_what_reads_it()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: cp data out, deps: [data], outs: [out]}}")
            .Write("data", "1")
            .Write("data.dvc", "# mine\nouts:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  size: 1\n  hash: md5\n  path: data\n");
        await folder.ReproAsync();
        folder.Write("data", "22");
        Assert.Equal(["data.dvc", "s"], await folder.ReproducedAsync());
        Assert.StartsWith(
            "# mine\nouts:\n- md5: b6d767d2f8ed5d21a44b0e5886680cb9\n  size: 2\n",
            folder.Read("data.dvc"),
            StringComparison.Ordinal
        );
        Assert.True(folder.Has(".dvc/cache/files/md5/b6/d767d2f8ed5d21a44b0e5886680cb9"));
    }

    [Fact]
    public async Task Keys_of_the_platform_are_named()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: 'true', when: params.x == 1}}").Write("params.yaml", "x: 1\n");
        var error = await Assert.ThrowsAsync<ServerlessException>(() => folder.ReproAsync());
        Assert.Contains("stage 's' has `when`", error.Message, StringComparison.Ordinal);
        Assert.Equal(400, error.Status);
    }

    [Fact]
    public async Task Locks_of_version_2_are_read_and_stay_while_nothing_changes()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: cp in out, deps: [in], outs: [out]}}")
            .Write("in", "a\r\n")
            .Write("out", "a\r\n")
            .Write(".dvc/cache/60/b725f10c9c85c70d97880dfe8191b3", "a\r\n")
            .Write(
                "dvc.lock",
                "schema: '2.0'\nstages:\n  s:\n    cmd: cp in out\n    deps:\n    - path: in\n      md5: "
                    + "60b725f10c9c85c70d97880dfe8191b3\n      size: 3\n    outs:\n    - path: out\n      md5: "
                    + "60b725f10c9c85c70d97880dfe8191b3\n      size: 3\n"
            );
        Assert.Empty(await folder.ReproducedAsync());
        folder.Write("in", "b\r\n");
        Assert.Equal(["s"], await folder.ReproducedAsync());
        Assert.Contains("hash: md5", folder.Read("dvc.lock"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_pull_missing_data_comes_from_the_remote()
    {
        using var folder = new ReproFolder(Chain)
            .Write("in", "1")
            .Write("params.yaml", "lr: 1\n")
            .Write(".dvc/config", "[core]\n    remote = r\n['remote \"r\"']\n    url = ../store\n");
        await folder.ReproAsync();
        Directory.CreateDirectory(folder.At("store"));
        foreach (var file in folder.Files(".dvc/cache"))
        {
            folder.Write("store/" + file, "");
            File.Copy(folder.At(".dvc/cache/" + file), folder.At("store/" + file), overwrite: true);
        }

        foreach (var gone in new[] { ".dvc/cache/files", ".dvc/cache/runs" })
        {
            foreach (var file in folder.Files(gone))
            {
                File.Delete(folder.At(gone + "/" + file));
            }
        }

        File.Delete(folder.At("b.out"));
        var result = await folder.ReproAsync(new ReproOptions { Pull = true });
        Assert.Null(result.Error);
        Assert.Empty(folder.Ran);
        Assert.Equal(StageEnd.Pulled, result.Stages[1].End);
        Assert.Equal("1", folder.Read("b.out"));
    }
}
